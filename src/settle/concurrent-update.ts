/** Thrown to begin a batch anew: a concurrent one claimed an id first, and is committed by now. */
export class ConcurrentUpdate extends Error {}
