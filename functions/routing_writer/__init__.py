"""The one writer of a region's routing document: runs when an intent changes, and each minute for those that expire."""
