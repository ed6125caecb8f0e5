export type Halving<Item> = {
  /** Writes the items in one database transaction: all of them, or none where it rejects. */
  write(items: Item[]): Promise<void>;
  /** Called with an item whose `write` failed when it was alone, and with the error. */
  refuse(item: Item, error: unknown): void | Promise<void>;
  /** Whether an error means that the database is unavailable, rather than that it refuses an item. */
  isUnavailable(error: unknown): boolean;
};

/**
 * Writes a batch so that one bad item does not fail the others: a batch that fails is written as two halves, in order,
 * until the bad item is alone and is refused. With k bad items among n, `write` is called at most 1 + 2k * ceil(log2 n)
 * times. Where the database is unavailable nothing is split or refused: rejects with that error, and the items after it
 * are not written.
 */
export async function halve<Item>(items: Item[], halving: Halving<Item>): Promise<void> {
  if (items.length === 0) return;
  try {
    await halving.write(items);
  } catch (error) {
    if (halving.isUnavailable(error)) throw error;
    if (items.length === 1) return halving.refuse(items[0]!, error);
    const middle = items.length >> 1;
    await halve(items.slice(0, middle), halving);
    await halve(items.slice(middle), halving);
  }
}
