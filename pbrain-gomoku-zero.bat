@echo off
rem The Gomocup engine for Piskvork and other managers; every option of "human_play.py gomocup" may follow.
setlocal
set "brain=python"
if exist "%~dp0.venv\Scripts\python.exe" set "brain=%~dp0.venv\Scripts\python.exe"
"%brain%" -c "import importlib.util, sys; sys.exit(importlib.util.find_spec('numba') is None)" 2>nul
if errorlevel 1 (
  echo pbrain-gomoku-zero: its packages are not installed: install them beside it, or activate their environment 1>&2
  exit /b 1
)
"%brain%" "%~dp0human_play.py" gomocup %*
