// Every step of each scenario, in the order they happen.

import teacher from './steps/teacher.mjs'
import pupil from './steps/pupil.mjs'
import homework from './steps/homework.mjs'
import parent from './steps/parent.mjs'
import around from './steps/around.mjs'
import cutting from './steps/cutting.mjs'
import live from './steps/live.mjs'
import recovery from './steps/recovery.mjs'
import sessions from './steps/sessions.mjs'

export const scenarios = {
  /** A day in a school. */
  day: [...teacher, ...pupil, ...homework, ...parent, ...around],
  /** A teacher cuts a sound, and looks ahead in a film. */
  cutting,
  /** Sessions that end at the wrong moment, recordings that a crash interrupts, work that ends between two questions. */
  mishaps: [...sessions, ...recovery, ...live],
}
