"""What is shown, as lines of styled spans: pure functions, plain text in, nothing parsed."""
