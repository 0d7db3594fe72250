// Brings the telephone's words along; import it before anything is drawn.
import { learn } from '../i18n/i18n';
import { focalEn } from './words.en';
import { focalVi } from './words.vi';

learn({ vi: focalVi, en: focalEn });
