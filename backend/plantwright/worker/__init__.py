"""The worker process: consumers of both logs, woken by jobs and swept every two seconds."""
