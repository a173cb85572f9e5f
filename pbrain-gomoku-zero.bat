@echo off
rem The Gomocup engine for Piskvork and other managers; every option of "human_play.py gomocup" may follow.
if exist "%~dp0.venv\Scripts\python.exe" (
  "%~dp0.venv\Scripts\python.exe" "%~dp0human_play.py" gomocup %*
) else (
  python "%~dp0human_play.py" gomocup %*
)
