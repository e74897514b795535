"""A small real model: trained from data, served over HTTP by a program of its own."""
