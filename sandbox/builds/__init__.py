"""What is built from Go modules, and the folder of the user's in which it is kept between checkouts."""
