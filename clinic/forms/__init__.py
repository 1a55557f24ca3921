"""What people type, checked for its shape. The services check what it means."""
