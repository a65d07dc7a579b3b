"""How gunicorn serves the system, here and in production.

`gunicorn --config conferencing/config/gunicorn.py conferencing.config.wsgi`;
`WEB_WORKERS` (2) and `WEB_THREADS` (4) say how much at once.
"""

import os

worker_class = "gthread"
preload_app = True  # loaded once, then forked: a quicker start and less memory
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 60
graceful_timeout = 10
# Against leaks: a worker is replaced after so many requests, not all at the same time.
max_requests, max_requests_jitter = 2000, 400
accesslog = "-"
logger_class = "conferencing.config.gunicorn_log.RequestLogger"
# The path without tokens, and without what was searched for: a query may hold a name.
access_log_format = '%(h)s %(t)s "%(m)s %(U)s" %(s)s %(B)s %(M)sms'
control_socket_disable = True
