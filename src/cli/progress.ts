export type Progress = {
  /** `share`: from 0 to 1; null where it is not known. */
  show(what: string, share: number | null): void;
  /** Clears the line. */
  end(): void;
};

const width = 30;

/** A bar on standard error, where that is a terminal. */
export function openProgress(stream: Pick<NodeJS.WriteStream, "write" | "isTTY"> = process.stderr): Progress {
  if (!stream.isTTY) return { show: () => {}, end: () => {} };
  return {
    show(what, share) {
      const filled = Math.round(Math.min(1, share ?? 0) * width);
      const bar = share === null ? "" : `[${"#".repeat(filled)}${"-".repeat(width - filled)}] `;
      stream.write(`\r\u001b[K${bar}${what}`);
    },
    end: () => void stream.write("\r\u001b[K"),
  };
}
