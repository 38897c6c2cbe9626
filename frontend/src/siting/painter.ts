import type { Drawing, Order, Wish } from './surface.worker';
import type { SurfaceHeader } from './types';

/**
 * Draws surfaces beside the page's thread. While one wish is being drawn the next ones wait,
 * and only the last of them is drawn: a slider never queues.
 */
export class Painter {
  readonly #worker = new Worker(new URL('./surface.worker.ts', import.meta.url), {
    type: 'module',
  });
  #busy = false;
  #next: Wish | null = null;

  constructor(ondrawn: (drawing: Drawing) => void, onfailed: () => void) {
    this.#worker.onmessage = ({ data }: MessageEvent<Drawing>) => {
      this.#busy = false;
      ondrawn(data);
      const next = this.#next;
      this.#next = null;
      if (next) this.draw(next);
    };
    this.#worker.onerror = () => {
      this.#busy = false;
      onfailed();
    };
  }

  load(header: SurfaceHeader, values: ArrayBuffer): void {
    this.#send({ kind: 'load', header, values }, [values]);
  }

  draw(wish: Wish): void {
    if (this.#busy) {
      this.#next = wish;
      return;
    }
    this.#busy = true;
    this.#send({ kind: 'draw', wish });
  }

  end(): void {
    this.#worker.terminate();
  }

  #send(order: Order, transfer: Transferable[] = []): void {
    this.#worker.postMessage(order, transfer);
  }
}
