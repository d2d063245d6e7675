"""What is in a plan, a bundle or any directory: sums, costs, duplicates, differences; pure."""
