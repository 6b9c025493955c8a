// Every step of the scenario, in the order they happen in a school.

import teacher from './steps/teacher.mjs'
import pupil from './steps/pupil.mjs'
import homework from './steps/homework.mjs'
import parent from './steps/parent.mjs'
import around from './steps/around.mjs'

export const steps = [...teacher, ...pupil, ...homework, ...parent, ...around]
