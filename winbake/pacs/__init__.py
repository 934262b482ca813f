"""The PACS: Orthanc's configuration from the manifest, and the checks of a classroom's DICOM network."""
