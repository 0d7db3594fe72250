// What may be open over the desk, one at a time. The panel of lines brings its
// plots along and is loaded when it is first opened.

import { type Signal, signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Desk } from './desk';
import { Help } from './Help';
import { MeetingPanel } from './MeetingPanel';
import { OrderEditor } from './OrderEditor';
import { RollCall } from './RollCall';
import { RotationPanel } from './Rotation';
import { Saved } from './Saved';

type View = ComponentType<{ desk: Desk }>;

/** Panels shows the open panel, if any. */
export function Panels({ desk }: { desk: Desk }) {
  switch (desk.panel.value) {
    case 'help':
      return <Help desk={desk} />;
    case 'saved':
      return <Saved desk={desk} />;
    case 'rotation':
      return <RotationPanel desk={desk} />;
    case 'order':
      return <OrderEditor desk={desk} />;
    case 'roll':
      return <RollCall desk={desk} />;
    case 'meeting':
      return <MeetingPanel desk={desk} />;
    case 'links':
      return <LinksWhenLoaded desk={desk} />;
    default:
      return null;
  }
}

const links: Signal<View | null> = signal(null);

function LinksWhenLoaded({ desk }: { desk: Desk }) {
  useEffect(() => {
    void import('./Links').then(({ Links }) => {
      links.value = Links;
    });
  }, []);
  const Loaded = links.value;
  return Loaded && <Loaded desk={desk} />;
}
