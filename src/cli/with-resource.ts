type Resource = { close(): Promise<void> };

/** Open resources in the order of opening. A signal closes them in reverse. */
const opened: Resource[] = [];

/** Opens a resource, works with it, and closes it, also after an error or Ctrl-C. */
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
