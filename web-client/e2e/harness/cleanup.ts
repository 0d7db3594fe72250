// What a test started and must not leave behind, undone in reverse order
// whether the test passed or not.

type Undo = () => unknown | Promise<unknown>;

/** Cleanup is a stack of things to undo. */
export class Cleanup {
  private readonly stack: Undo[] = [];

  add(undo: Undo): void {
    this.stack.push(undo);
  }

  /** run undoes everything, the newest first; one failure does not keep the rest from it. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let undo = this.stack.pop(); undo; undo = this.stack.pop()) {
      try {
        await undo();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'cleaning up failed');
  }
}
