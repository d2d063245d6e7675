"""The only room that starts processes: commands, tasks, their events and their cancellation."""
