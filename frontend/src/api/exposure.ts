import { request } from './client';
import type { Text } from './types';

export type ScoreStatus = 'computed' | 'pending' | 'incomplete' | 'not_located';

/** One indicator's part in the score. */
export interface Reason {
  indicator: string;
  label: Text;
  pillar: Text;
  /** In `unit`; null when unknown. */
  value: number | null;
  unit: string;
  /** Ratio 0–1; the shares of all reasons sum to 1. */
  share: number;
  /** Out of 100; they sum to the score. */
  points: number;
  sentence: Text;
}

/** The nearest zone of a kind, or place of a theme. */
export interface Nearby {
  kind: string;
  id: string;
  name: string;
  distance_m: number;
  sentence: Text;
}

/** How exposed a place is, and why. */
export interface Exposure {
  status: ScoreStatus;
  /** 0–100, null unless the status is computed; so are the bounds of its interval. */
  score: number | null;
  low: number | null;
  high: number | null;
  /** Probability that the interval holds with, 0–1. */
  interval: number;
  /** 1 (lowest) to 5; 0 when indeterminate. */
  class: number;
  class_label: Text;
  /** Probability of each class, the lowest first. */
  class_probabilities?: number[];
  rank?: number;
  rank_low?: number;
  rank_high?: number;
  ranked?: number;
  summary: Text;
  missing_pillars?: Text[];
  reasons: Reason[];
  nearby: Nearby[];
  profile: { name: string; version: string; hash: string; seed: number; draws: number };
}

export interface Explanation extends Exposure {
  site_id: string;
  /** The same with the restricted zones, for who may see them. */
  restricted?: Exposure;
}

/** An indicator that is not known, and why. */
export interface Unknown {
  indicator: string;
  label: Text;
  reason: string;
  reason_text: Text;
  missing: Text;
}

const path = (id: string) => `/api/sites/${encodeURIComponent(id)}`;

export async function getExplanation(id: string, signal?: AbortSignal): Promise<Explanation> {
  return (await request<Explanation>(`${path(id)}/explanation`, { signal })).data;
}

export async function getUnknowns(id: string, signal?: AbortSignal): Promise<Unknown[]> {
  const answer = await request<{ unknown: Unknown[] }>(`${path(id)}/unknowns`, { signal });
  return answer.data.unknown;
}

/** One dated version of the zones of a kind. */
export interface Edition {
  kind: string;
  label: string;
  current: boolean;
  zones: number;
}

export async function getEditions(signal?: AbortSignal): Promise<Edition[]> {
  return (await request<{ editions: Edition[] }>('/api/editions', { signal })).data.editions;
}
