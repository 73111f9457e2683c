"""Why a customer has a tag, or has not."""
