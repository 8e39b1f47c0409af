"""What every page needs: errors, static files, headers, health."""
