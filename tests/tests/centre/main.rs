//! One real centre and what surrounds it: a vehicle, a killed process, bad input, PostgreSQL, a client of others.

mod bad_files;
mod bad_requests;
mod bad_vehicles;
mod crash;
mod diversion;
mod enrolment;
mod gpsd;
mod handover;
mod kill;
mod link;
mod offline;
mod other_client;
mod overload;
mod pair;
mod paper;
mod paper_forms;
mod past_day;
mod patient_files;
mod postgres;
mod reload;
mod second_copy;
mod tables;
mod trackers;
mod two_nodes;
mod upgrade;
mod versions;
