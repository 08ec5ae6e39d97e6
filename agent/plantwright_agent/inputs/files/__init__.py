"""What the file inputs share: finding new whole lines, whatever happens to the file."""
