// The people of fixtures/school.csv who play in the scenario. They all have the same password.

export const PASSWORD = 'balado-demo-2026'
export const TEACHER = 'lou.martin'
export const TEACHER_NAME = 'Lou Martin'
export const OTHER_PUPIL = 'adam.morel'
export const OTHER_PUPIL_NAME = 'Adam Morel'
export const PUPIL = 'ines.benali'
export const PUPIL_MAIL = 'ines.benali@maree.example'
export const PARENT = 'karim.benali'
export const ADMINISTRATOR = 'admin'
