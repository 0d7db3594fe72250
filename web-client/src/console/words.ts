// The words only the desk and the chair's tablet need. Importing this module teaches them.
import { learn } from '../i18n/i18n';
import { deskEn } from './words.en';
import { deskVi } from './words.vi';

export type DeskKey = keyof typeof deskVi | 'con.invite' | 'con.give' | 'con.deny' | 'con.cut';

learn({ vi: deskVi, en: deskEn });
