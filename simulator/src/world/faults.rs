//! What goes wrong, and how processes begin and end.

use std::time::Duration;

use node::Effects;
use runtime::Random;

use super::{DiskState, Event, World, ending::Stage, upto};
use crate::{
    invariants::Death,
    plan::Fault,
    process::Process,
    violation::{Checked, must},
};

const DOWN_MAX: Duration = Duration::from_millis(500);
const BROKEN_MAX: Duration = Duration::from_millis(1_500);
const STOP_MAX: Duration = Duration::from_secs(10);
const WALL_SKEW_MS_MAX: u64 = 600_000;

impl World<'_> {
    pub(super) fn start(&mut self) -> Checked {
        if self.process.is_some() {
            return Ok(());
        }
        self.processes += 1;
        let (number, now) = (self.processes, self.clock());
        self.metadata_lane_free_at = self.now;
        self.controller_free_at = self.now;
        self.next_tick = None;
        self.trace.note(self.now, format_args!("process {number} starts"));
        if let Some(fault) = self.plan.start_fault(&mut self.random.faults) {
            let at = self.now.after(upto(&mut self.random.faults, self.plan.delay_max * 5));
            self.agenda.schedule(at, Event::StartFault { process: number, fault });
        }
        let mut effects = Effects::new();
        let random = &mut self.random.schedule;
        match Process::start(number, &self.plan, &self.disk, now, random, &mut effects) {
            Ok(mut process) => {
                process.had_trouble = self.disk_state != DiskState::Well;
                self.process = Some(process);
                self.invariants.recovered(&self.metadata_log())?;
                self.carry_out(number, effects)
            }
            Err(reason) => {
                self.trace.note(self.now, format_args!("does not start: {reason}"));
                let has_excuse = self.disk_state != DiskState::Well;
                must("a node starts on what a crash leaves", has_excuse, || reason)?;
                self.disk = self.disk.kill();
                self.start_soon();
                Ok(())
            }
        }
    }

    pub(super) fn fault(&mut self) -> Checked {
        if self.stage.0 != Stage::Faults {
            return Ok(());
        }
        let pause = self.fault_pause();
        self.agenda.schedule(self.now.after(pause), Event::Fault);
        let Some(fault) = self.plan.next_fault(&mut self.random.faults) else { return Ok(()) };
        self.strike(fault)
    }

    pub(super) fn start_fault(&mut self, process: u64, fault: Fault) -> Checked {
        let is_alive = self.process.as_ref().is_some_and(|alive| alive.number == process);
        if self.stage.0 == Stage::Faults && is_alive { self.strike(fault) } else { Ok(()) }
    }

    fn strike(&mut self, fault: Fault) -> Checked {
        self.trace.note(self.now, format_args!("fault: {fault:?}"));
        let random = &mut self.random.faults;
        match fault {
            Fault::Kill => return self.end_process(Death::Killed),
            Fault::PowerCut => return self.end_process(Death::PowerCut),
            Fault::Stop => return self.ask_to_stop(),
            Fault::SyncFails => self.disk.fail_sync_after(random.below(4)),
            Fault::ReadFails => self.disk.fail_read_after(random.below(8)),
            Fault::DiskFull => {
                self.disk.fill_after(random.below(3_000));
                return self.disk_gets(DiskState::Full);
            }
            Fault::ClockJump => {
                let skew = random.below(2 * WALL_SKEW_MS_MAX);
                self.wall_skew_ms = i64::try_from(skew).expect("minutes") - 600_000;
                return Ok(());
            }
            Fault::ConnectionBreaks => {
                let session = random.below(self.sessions.len() as u64);
                let session = usize::try_from(session).expect("an index is small");
                if let Some(process) = self.sessions.session(session).connected_to {
                    self.agenda.schedule(self.now, Event::Disconnected { process, session });
                }
                return Ok(());
            }
        }
        self.disk_gets(DiskState::Broken)
    }

    fn disk_gets(&mut self, state: DiskState) -> Checked {
        if self.disk_state != DiskState::Broken {
            self.disk_state = state;
        }
        if let Some(process) = &mut self.process {
            process.had_trouble = true;
            if state == DiskState::Broken {
                self.invariants.disk_broke(process.number);
            }
        }
        let broken = upto(&mut self.random.faults, BROKEN_MAX);
        self.agenda.schedule(self.now.after(broken), Event::Repair);
        Ok(())
    }

    /// The disk works again. A process that may have given up some logs is started anew; one that
    /// only found no room goes on.
    pub(super) fn repair(&mut self) -> Checked {
        if self.disk_state == DiskState::Well {
            return Ok(());
        }
        self.trace.note(self.now, format_args!("the disk is repaired"));
        self.disk.heal();
        if self.plan.garbles {
            self.disk.garble_unsynced_sectors();
        }
        if self.disk_state == DiskState::Broken {
            self.end_process(Death::Killed)?;
        }
        self.disk_state = DiskState::Well;
        Ok(())
    }

    fn ask_to_stop(&mut self) -> Checked {
        let now = self.clock();
        let Some(process) = self.process.as_mut().filter(|process| !process.is_stopping) else {
            return Ok(());
        };
        process.is_stopping = true;
        process.stops_in_order = std::mem::replace(&mut process.is_serving, false);
        let number = process.number;
        let mut effects = Effects::new();
        process.node.stop(now, &mut effects);
        self.agenda.schedule(self.now.after(STOP_MAX), Event::StopIsDue { process: number });
        self.carry_out(number, effects)
    }

    pub(super) fn stop_is_due(&mut self, process: u64) -> Checked {
        if self.process.as_ref().is_none_or(|alive| alive.number != process) {
            return Ok(());
        }
        let has_excuse = self.disk_state != DiskState::Well;
        must("a node that is asked to stop does so", has_excuse, || format!("process {process}"))?;
        self.end_process(Death::Killed)
    }

    /// A process ends, in whatever way, and another one will start.
    pub(super) fn end_process(&mut self, death: Death) -> Checked {
        if let Some(process) = self.process.take() {
            self.trace.note(self.now, format_args!("process {} ends: {death:?}", process.number));
            let view = process.view();
            self.trace.note(self.now, format_args!("{view}"));
            self.look(&view)?;
            drop(process);
            self.disk = self.disk.kill();
            let metadata_log = self.metadata_log();
            self.invariants.died(&view, &metadata_log)?;
            self.oracle.process_ended();
            self.groups.process_ended();
            self.break_connections(view.process);
            self.start_soon();
        }
        if death == Death::PowerCut {
            self.disk = self.disk.crash();
            self.oracle.power_was_cut();
            self.groups.power_was_cut();
            self.invariants.power_was_cut();
        }
        Ok(())
    }

    fn break_connections(&mut self, process: u64) {
        for session in 0..self.sessions.len() {
            if self.sessions.session(session).connected_to == Some(process) {
                let at = self.soon();
                self.agenda.schedule(at, Event::Disconnected { process, session });
            }
        }
    }

    fn start_soon(&mut self) {
        let down = upto(&mut self.random.faults, DOWN_MAX);
        self.agenda.schedule(self.now.after(down), Event::Start);
    }
}
