"""What the Makefile calls. Nothing here is imported by the running system.

`environments`, `lock` and `services` need the standard library only, because they run before anything is
installed; the others run in `.venv/app`.
"""
