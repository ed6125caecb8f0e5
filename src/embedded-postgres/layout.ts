import path from "node:path";

/** The embedded server's files below the program's data folder. */
export type Layout = {
  /** `<data folder>/postgres`, owned by the user that runs the program. */
  home: string;
  /** PostgreSQL's own data folder, owned by the account the server runs as. */
  cluster: string;
  /** The owner's password, 0600: a superuser, used for migrations. */
  password: string;
  /** The password of the program's own role, 0600. */
  programPassword: string;
  /** The port of the last start, tried first by the next one. */
  port: string;
  /** What the server printed; cut when it grows. */
  log: string;
};

export function layoutOf(dataDir: string): Layout {
  const home = path.join(path.resolve(dataDir), "postgres");
  return {
    home,
    cluster: path.join(home, "data"),
    password: path.join(home, "password"),
    programPassword: path.join(home, "program.password"),
    port: path.join(home, "port"),
    log: path.join(home, "server.log"),
  };
}
