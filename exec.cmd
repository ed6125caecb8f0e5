@rem npm start is `exec node ...`, so that signals reach the program and not a shell. Windows has no exec: this stands in.
@%*
