import { request } from './client';
import type { Text } from './types';

/** One published figure, a range when its source gives one. */
export interface PublishedFigure {
  low: number;
  high: number;
  /** A year or a day of publication; null when not recorded. */
  date: string | null;
  source: Text;
}

/** What others published of one question; figures that conflict stand side by side. */
export interface PublishedSeries {
  id: string;
  label: Text;
  definition: Text;
  unit: Text;
  coverage: Text;
  low: number;
  high: number;
  figures: PublishedFigure[];
}

export async function listPhenomenon(signal?: AbortSignal): Promise<PublishedSeries[]> {
  const options = { signal };
  return (
    (await request<{ national: PublishedSeries[] | null }>('/api/stats/phenomenon', options)).data
      .national ?? []
  );
}
