import type { fr } from './fr';

type Widen<T> = T extends string
  ? string
  : T extends (...args: infer A) => string
    ? (...args: A) => string
    : { readonly [K in keyof T]: Widen<T[K]> };

/** Every message of the interface; French is the reference. */
export type Messages = Widen<typeof fr>;
