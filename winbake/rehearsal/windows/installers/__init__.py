"""What installer programs do on a simulated host: Windows Installer, Inno Setup, NSIS and others."""
