"""The rehearsal's classroom: real DICOM programs on loopback, a PACS and stations."""
