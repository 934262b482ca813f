"""powershell.exe: its command line, its standard streams, CLIXML."""
