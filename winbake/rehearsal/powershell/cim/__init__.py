"""WMI of a rehearsed host: classes, their instances read from the model, and WQL."""
