export type ChangeLog = {
  failed(error: unknown): void;
  succeeded(): void;
};

/**
 * Logs through `onFailing` the first failure after a success, and through `onWorking` the first success after a
 * failure.
 */
export function logOnChange(onFailing: (error: unknown) => void, onWorking: () => void): ChangeLog {
  let isFailing = false;
  return {
    failed(error) {
      if (!isFailing) onFailing(error);
      isFailing = true;
    },
    succeeded() {
      if (isFailing) onWorking();
      isFailing = false;
    },
  };
}
