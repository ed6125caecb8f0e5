/**
 * Settings of the embedded server, passed as `-c name=value`. Durable, as PostgreSQL is by default: an answer given to
 * a provider must survive a power cut (`synchronous_commit = off` lost acknowledged rows in a crash test).
 */
export const serverSettings = {
  listen_addresses: "127.0.0.1",
  // A socket's path is limited to 107 bytes, and a data folder's is not.
  unix_socket_directories: "",
  shared_buffers: "128MB",
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  // Rarer checkpoints write fewer full pages; a crash is recovered in seconds all the same.
  max_wal_size: "2GB",
  checkpoint_timeout: "15min",
  // Short statements: compiling and parallel workers cost more than they bring, and /dev/shm is small in containers.
  jit: "off",
  max_parallel_workers_per_gather: "0",
  random_page_cost: "1.1",
  // Queue tables need their dead rows removed soon.
  autovacuum_naptime: "15s",
  timezone: "UTC",
  log_timezone: "UTC",
  lc_messages: "C",
  // Neither statements nor the values of violated keys: those hold phone numbers and tokens.
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
  log_checkpoints: "off",
} as const satisfies Record<string, string>;

/** Processes of this program that may have the server's connections, and their tools. */
const connections = { byItself: 70, perProcess: 30 } as const;

/** Enough connections for so many receiver processes; more than one have a worker process beside them. */
export function connectionSetting(processes: number): { max_connections: string } {
  const more = processes === 1 ? 0 : processes * connections.perProcess;
  return { max_connections: String(connections.byItself + more) };
}

export function settingArguments(settings: Record<string, string>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}
