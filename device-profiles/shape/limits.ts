import * as z from 'zod';

/** How an instrument that is asked, whatever its protocol, wants to be asked. `turnAround`: what holds without a word. */
export const askingLimits = (turnAround: number) =>
  z.strictObject({
    gapMs: z.int().min(0).max(60_000).default(0).describe('Least silence between a reply and the next request, in ms'),
    turnAroundMs: z
      .int()
      .min(0)
      .max(1000)
      .default(turnAround)
      .describe('Least silence on the line before a request to it, whoever spoke last, in ms'),
    timeoutMs: z.int().min(10).max(60_000).default(1000).describe('Longest wait for the reply to begin, in ms'),
    retries: z.int().min(0).max(10).default(1).describe('How often a failed request is sent again'),
  });
