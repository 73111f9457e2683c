"""What a refresh finds to be bought together: counted range by range, then put together."""
