"""The site in a browser, on this machine and on a disk; what builds cost."""
