"""What a refresh computes of tags and keeps of them."""
