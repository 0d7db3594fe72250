import '../ui/tokens.css';
import './operator.css';
import { effect } from '@preact/signals';
import { render } from 'preact';
import { startLang } from '../i18n/i18n';
import { takeTicket } from '../page/token';
import { Api } from './api';
import { Desk } from './desk';
import { OperatorScreen } from './OperatorScreen';
import { w } from './words';

function start(): void {
  if (document.documentElement.hasAttribute('data-old')) return;
  startLang();
  const code = new URLSearchParams(location.hash.slice(1)).get('pair');
  if (code) history.replaceState(null, '', location.pathname + location.search);
  const desk = new Desk(new Api(takeTicket('operator').token));
  if (code) {
    desk.code.value = code;
    desk.part.value = 'pairing';
  }
  effect(() => {
    document.title = w('title');
  });
  render(<OperatorScreen desk={desk} />, document.body);
  void desk.open();
}

start();
