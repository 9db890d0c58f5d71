"""Study plan and formula sheet."""
