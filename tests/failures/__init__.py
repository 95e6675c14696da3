"""What happens when a part the product depends on fails."""
