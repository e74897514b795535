"""`stanchion state`: a copy of every stack's state and of the documents it was made from, and the way back."""
