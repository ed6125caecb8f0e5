type Resource = { close(): Promise<void> };

/** What is open, the last opened last; a signal closes all of it. */
const opened: Resource[] = [];

/** Opens, works, closes whatever comes of it: an error, or Ctrl-C. */
export async function withResource<R extends Resource, T>(
  open: () => Promise<R>,
  work: (resource: R) => Promise<T>,
): Promise<T> {
  const resource = await open();
  if (opened.push(resource) === 1) for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, interrupt);
  try {
    return await work(resource);
  } finally {
    const at = opened.indexOf(resource);
    if (at >= 0) {
      opened.splice(at, 1);
      await resource.close();
    }
  }
}

async function interrupt(): Promise<void> {
  for (let resource = opened.pop(); resource; resource = opened.pop()) await resource.close().catch(() => {});
  process.exit(1);
}
