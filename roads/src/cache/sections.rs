//! The contents of the map file: network, table order, base map; and the checks that no row points outside its table.

use super::bytes::{Reader, Writer, damaged};
use crate::base_map::{
    AreaKind, District, HospitalSite, LineKind, MapArea, MapLabel, MapLine, PlaceKind, Polygon,
};
use crate::network::{ArcRow, EdgeRow, NONE, Turns, WayRow, point};
use crate::{BaseMap, MapError, Network, RoadClass};

pub(super) fn write(network: &Network, base: &BaseMap, order: &[u32]) -> Vec<u8> {
    let mut w = Writer::default();
    w.list(&network.nodes, |w, &node| w.e7(node));
    w.list(&network.keys, |w, &(key, node)| {
        w.u32(key);
        w.u32(node);
    });
    w.list(&network.names, |w, name| w.text(name));
    w.list(&network.ways, write_way);
    w.list(&network.edges, |w, edge| {
        for value in
            [edge.from, edge.to, edge.way, edge.length_mm, edge.shape_first, edge.arcs[0], edge.arcs[1]]
        {
            w.u32(value);
        }
    });
    w.list(&network.shapes, |w, &p| w.e7(p));
    // Everything else about an arc follows from its edge.
    w.list(&network.arcs, |w, arc| {
        w.u32(arc.edge << 1 | u32::from(arc.reversed));
        w.u32(arc.delay_us);
    });
    w.list(&network.fixed_us, |w, times| {
        w.u32(times[0]);
        w.u32(times[1]);
    });
    w.list(&network.banned_turns, |w, &(from, to)| {
        w.u32(from);
        w.u32(to);
    });
    w.list(order, |w, &arc| w.u32(arc));
    write_base(&mut w, base);
    w.bytes
}

pub(super) fn read(payload: &[u8]) -> Result<(Network, BaseMap, Vec<u32>), MapError> {
    let mut r = Reader::new(payload);
    let nodes = r.list(Reader::e7)?;
    let keys = r.list(|r| Ok((r.u32()?, r.u32()?)))?;
    let names = r.list(Reader::text)?;
    let ways = r.list(read_way)?;
    let edges = r.list(|r| {
        Ok(EdgeRow {
            from: r.u32()?,
            to: r.u32()?,
            way: r.u32()?,
            length_mm: r.u32()?,
            shape_first: r.u32()?,
            arcs: [r.u32()?, r.u32()?],
        })
    })?;
    let shapes = r.list(Reader::e7)?;
    let arcs = r.list(|r| {
        let edge_and_side = r.u32()?;
        let (number, reversed) = (edge_and_side >> 1, edge_and_side & 1 == 1);
        let edge: &EdgeRow = edges.get(number as usize).ok_or_else(|| damaged("an arc names no edge"))?;
        let (tail, head) = if reversed { (edge.to, edge.from) } else { (edge.from, edge.to) };
        let twin = edge.arcs[usize::from(!reversed)];
        Ok(ArcRow { tail, head, edge: number, reversed, twin, delay_us: r.u32()? })
    })?;
    let fixed_us = r.list(|r| Ok([r.u32()?, r.u32()?]))?;
    let banned_turns = r.list(|r| Ok((r.u32()?, r.u32()?)))?;
    let order = r.list(Reader::u32)?;
    let base = read_base(&mut r)?;
    if !r.is_empty() {
        return Err(damaged("there is more after the end"));
    }
    let network = Network {
        id: String::new(),
        nodes,
        keys,
        names,
        ways,
        edges,
        shapes,
        arcs,
        fixed_us,
        banned_turns,
        turns: Turns::default(),
        way_first: Vec::new(),
        way_arcs: Vec::new(),
    };
    check(&network, &order)?;
    Ok((network, base, order))
}

/// The checksum proves that the file is as written; this proves that whoever wrote it kept the rules the searches rely on.
fn check(network: &Network, order: &[u32]) -> Result<(), MapError> {
    let count = |len: usize| len as u32;
    let (nodes, arcs, edges) =
        (count(network.nodes.len()), count(network.arcs.len()), count(network.edges.len()));
    let mut shape_first = 0;
    for edge in &network.edges {
        let shapes_ok = edge.shape_first >= shape_first && edge.shape_first as usize <= network.shapes.len();
        let arcs_ok = edge.arcs.iter().all(|&a| a == NONE || a < arcs) && edge.arcs != [NONE; 2];
        if edge.from >= nodes
            || edge.to >= nodes
            || edge.way as usize >= network.ways.len()
            || !shapes_ok
            || !arcs_ok
        {
            return Err(damaged("an edge points outside the map"));
        }
        shape_first = edge.shape_first;
    }
    for (number, arc) in network.arcs.iter().enumerate() {
        if network.edges[arc.edge as usize].arcs[usize::from(arc.reversed)] as usize != number {
            return Err(damaged("an arc and its edge do not agree"));
        }
    }
    let names_ok =
        network.ways.iter().all(|way| (way.name as usize) < network.names.len() && way.speed_tenth_kmh > 0);
    let keys_ok = network.keys.is_sorted() && network.keys.iter().all(|&(_, node)| node < nodes);
    let bans_ok =
        network.banned_turns.is_sorted() && network.banned_turns.iter().all(|&(a, b)| a < arcs && b < arcs);
    let fixed_ok = network.fixed_us.is_empty() || network.fixed_us.len() == network.arcs.len();
    let ways_ok = network.ways.windows(2).all(|pair| pair[0].id < pair[1].id);
    let mut seen = vec![false; network.arcs.len()];
    for &arc in order {
        match seen.get_mut(arc as usize) {
            Some(mark) if !*mark => *mark = true,
            _ => return Err(damaged("the table order is not one")),
        }
    }
    let all_there = edges > 0 && arcs > 0 && order.len() == network.arcs.len();
    if names_ok && keys_ok && bans_ok && fixed_ok && ways_ok && all_there {
        Ok(())
    } else {
        Err(damaged("its tables do not fit together"))
    }
}

fn write_way(w: &mut Writer, way: &WayRow) {
    w.i64(way.id);
    w.u32(way.name);
    w.u8(way.class as u8);
    w.u8(u8::from(way.bridge) | u8::from(way.tunnel) << 1 | u8::from(way.restricted) << 2);
    w.u16(way.speed_tenth_kmh);
}

fn read_way(r: &mut Reader<'_>) -> Result<WayRow, MapError> {
    let (id, name) = (r.i64()?, r.u32()?);
    let class = RoadClass::from_number(r.u8()?).ok_or_else(|| damaged("an unknown road class"))?;
    let flags = r.u8()?;
    Ok(WayRow {
        id,
        name,
        class,
        bridge: flags & 1 != 0,
        tunnel: flags & 2 != 0,
        restricted: flags & 4 != 0,
        speed_tenth_kmh: r.u16()?,
    })
}

fn write_base(w: &mut Writer, base: &BaseMap) {
    w.list(&base.areas, |w, area| {
        w.u8(area.kind as u8);
        w.text(&area.name);
        write_polygon(w, &area.polygon);
    });
    w.list(&base.lines, |w, line| {
        w.u8(line.kind as u8);
        w.text(&line.name);
        w.line(&line.points);
    });
    w.list(&base.labels, |w, label| {
        w.u8(label.kind as u8);
        w.text(&label.name);
        w.e7(label.position.to_e7());
    });
    w.list(&base.districts, |w, district| {
        w.text(&district.name);
        w.u8(district.admin_level);
        w.list(&district.polygons, write_polygon);
    });
    w.list(&base.hospitals, |w, hospital| {
        w.text(&hospital.name);
        w.e7(hospital.position.to_e7());
        w.u8(hospital.emergency.map_or(2, u8::from));
    });
}

fn read_base(r: &mut Reader<'_>) -> Result<BaseMap, MapError> {
    let areas = r.list(|r| {
        let kind = kind_of(
            &[AreaKind::BuiltUp, AreaKind::Green, AreaKind::Water, AreaKind::HospitalGrounds],
            r.u8()?,
        )?;
        Ok(MapArea { kind, name: r.text()?, polygon: read_polygon(r)? })
    })?;
    let lines = r.list(|r| {
        let kind = kind_of(&[LineKind::Waterway, LineKind::Railway], r.u8()?)?;
        Ok(MapLine { kind, name: r.text()?, points: r.line()? })
    })?;
    let labels = r.list(|r| {
        let kinds = [
            PlaceKind::City,
            PlaceKind::Town,
            PlaceKind::Suburb,
            PlaceKind::Village,
            PlaceKind::Neighbourhood,
        ];
        Ok(MapLabel { kind: kind_of(&kinds, r.u8()?)?, name: r.text()?, position: point(r.e7()?) })
    })?;
    let districts =
        r.list(|r| Ok(District { name: r.text()?, admin_level: r.u8()?, polygons: r.list(read_polygon)? }))?;
    let hospitals = r.list(|r| {
        let (name, position) = (r.text()?, point(r.e7()?));
        let emergency = kind_of(&[Some(false), Some(true), None], r.u8()?)?;
        Ok(HospitalSite { name, position, emergency })
    })?;
    Ok(BaseMap { areas, lines, labels, districts, hospitals })
}

fn write_polygon(w: &mut Writer, polygon: &Polygon) {
    w.line(&polygon.outer);
    w.list(&polygon.holes, |w, hole| w.line(hole));
}

fn read_polygon(r: &mut Reader<'_>) -> Result<Polygon, MapError> {
    Ok(Polygon { outer: r.line()?, holes: r.list(Reader::line)? })
}

fn kind_of<T: Copy>(kinds: &[T], number: u8) -> Result<T, MapError> {
    kinds.get(usize::from(number)).copied().ok_or_else(|| damaged("an unknown kind of thing to draw"))
}
