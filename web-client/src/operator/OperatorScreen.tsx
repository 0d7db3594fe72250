import { useState } from 'preact/hooks';
import { LangSwitch } from '../ui/Door';
import type { Me } from '../wire';
import { Audit } from './Audit';
import { Consents } from './Consents';
import { type Desk, parts } from './desk';
import { Links } from './Links';
import { Meetings } from './Meetings';
import { Pairing } from './Pairing';
import { People } from './People';
import { Points } from './Points';
import { w } from './words';

const screens = {
  meetings: Meetings,
  points: Points,
  consents: Consents,
  pairing: Pairing,
  links: Links,
  people: People,
  audit: Audit,
};

/** OperatorScreen is the whole page. */
export function OperatorScreen({ desk }: { desk: Desk }) {
  if (desk.out.value) return <SignIn desk={desk} />;
  if (!desk.me.value) return <main class="op">{desk.said.value && <Said desk={desk} />}</main>;
  const Screen = screens[desk.part.value];
  return (
    <>
      <header class="op-head">
        <h1>{w('title')}</h1>
        <nav>
          {parts.map((part) => (
            <button
              key={part}
              type="button"
              class="op-tab"
              aria-current={desk.part.value === part ? 'page' : undefined}
              onClick={() => {
                desk.said.value = null;
                desk.part.value = part;
              }}
            >
              {w(part)}
            </button>
          ))}
        </nav>
        <Account desk={desk} me={desk.me.value} />
      </header>
      <main class="op">
        <Said desk={desk} />
        <Screen desk={desk} />
      </main>
    </>
  );
}

/** Said is the one sentence on what was done or refused. */
export function Said({ desk }: { desk: Desk }) {
  const said = desk.said.value;
  return (
    <p class="op-said" role="status" data-refused={said?.refused || undefined} hidden={!said}>
      {said?.words}
    </p>
  );
}

function SignIn({ desk }: { desk: Desk }) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const submit = async (e: Event) => {
    e.preventDefault();
    desk.said.value = null;
    const ok = await desk.act(async () => {
      await desk.api.send('POST', 'session', { name, password });
    });
    setPassword('');
    if (ok) await desk.open();
  };
  return (
    <main class="op op-door">
      <form class="op-form" onSubmit={submit}>
        <h1>{w('title')}</h1>
        <label>
          {w('name')}
          <input autocomplete="username" required value={name} onInput={(e) => setName(e.currentTarget.value)} />
        </label>
        <label>
          {w('password')}
          <input
            type="password"
            autocomplete="current-password"
            required
            value={password}
            onInput={(e) => setPassword(e.currentTarget.value)}
          />
        </label>
        <button class="op-do" type="submit">
          {w('signIn')}
        </button>
        <Said desk={desk} />
        <LangSwitch />
      </form>
    </main>
  );
}

function Account({ desk, me }: { desk: Desk; me: Me }) {
  const [old, setOld] = useState('');
  const [fresh, setFresh] = useState('');
  const change = (e: Event) => {
    e.preventDefault();
    void desk.act(async () => {
      await desk.api.send('PUT', 'session/password', { old, new: fresh });
      desk.me.value = null;
      desk.out.value = true;
      return w('passwordChanged');
    });
  };
  return (
    <details class="op-account">
      <summary>{me.display || me.name}</summary>
      <div>
        <LangSwitch />
        <form class="op-form" onSubmit={change}>
          <label>
            {w('oldPassword')}
            <input
              type="password"
              autocomplete="current-password"
              required
              value={old}
              onInput={(e) => setOld(e.currentTarget.value)}
            />
          </label>
          <label>
            {w('newPassword')}
            <input
              type="password"
              autocomplete="new-password"
              required
              minLength={10}
              value={fresh}
              onInput={(e) => setFresh(e.currentTarget.value)}
            />
          </label>
          <button type="submit">{w('changePassword')}</button>
        </form>
        <button
          type="button"
          onClick={() =>
            void desk.act(async () => {
              await desk.api.send('DELETE', 'session');
              desk.me.value = null;
              desk.out.value = true;
            })
          }
        >
          {w('signOut')}
        </button>
      </div>
    </details>
  );
}
