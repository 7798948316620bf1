//! A small city, written to a folder of its own: twenty-five junctions on a grid, three stations, four ambulances, two hospitals.

use std::path::PathBuf;

/// Its files, by their names.
pub(crate) struct Sketch(pub(crate) Vec<(String, String)>);

/// A folder that goes away with the test.
pub(crate) struct Written(pub(crate) PathBuf);

impl Drop for Written {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Sketch {
    pub(crate) fn new() -> Self {
        let node = |number: usize| {
            format!(
                "{},{:.3},{:.3},1",
                number + 1,
                10.0 + 0.01 * (number % 5) as f64,
                50.0 + 0.01 * (number / 5) as f64
            )
        };
        let nodes: Vec<String> = (0..25).map(node).collect();
        let roads = (0..25).flat_map(|a: usize| [(a, a + 1), (a, a + 5)]);
        let roads = roads.filter(|(a, b)| *b < 25 && (b - a == 5 || a / 5 == b / 5));
        let both = roads.flat_map(|(a, b)| [(a, b), (b, a)]).enumerate();
        let arcs: Vec<String> = both
            .map(|(number, (a, b))| {
                let days = 0.0007 + 0.00001 * (a.min(b) % 7) as f64;
                format!("{},{},{},1.1,{days:.5},{:.5}", number + 1, a + 1, b + 1, days * 1.5)
            })
            .collect();
        let files = [
            ("config/sim_config.xml", SIM_CONFIG.to_owned()),
            ("config/ambulances.csv", "ambulances,,,\nindex,stationIndex,class,note\n1,1,1,\n2,2,2,\n3,2,1,\n4,3,1,\n".to_owned()),
            ("config/hospitals.csv", "hospitals,\nindex,x,y\n1,10.011,50.011\n2,10.033,50.028\n".to_owned()),
            ("config/stations.csv", "stations,3,\nindex,x,y,capacity,name\n1,10.001,50.001,2,West\n2,10.021,50.019,2,\"Middle, new\"\n3,10.039,50.041,2,East\n".to_owned()),
            ("config/map.csv", "map,1,,,,\nxMin,xMax,yMin,yMax,xScale,yScale\n9.9,10.1,49.9,50.1,71.5,111.2\n".to_owned()),
            ("config/priorities.csv", "priorities,,\npriority,name,targetResponseTime\n1,highPriority,0.00556\n2,medPriority,0.00556\n3,lowPriority,0.0139\n".to_owned()),
            ("config/travel.csv", TRAVEL.to_owned()),
            ("config/redispatch.csv", "miscData,,\nallowRedispatch,,\n1,,\n,,\nredispatchConditions,,\nfromCallPriority,toCallPriority,allowRedispatch\nlowPriority,highPriority,1\nmedPriority,highPriority,1\n".to_owned()),
            ("config/demand.csv", DEMAND.to_owned()),
            ("config/coverage.csv", "coverTimes,,\ndemandPriority,coverTime,note\nhighPriority,0.003,\nmedPriority,0.003,\nlowPriority,0.01,\n,,\ndemandRasterCellNumPoints,,\nrows,cols,\n2,2,\n".to_owned()),
            ("config/gen_config_train.xml", GEN_CONFIG.to_owned()),
            ("network/nodes.csv", format!("nodes,25,,\nindex,x,y,offRoadAccess\n{}\n", nodes.join("\n"))),
            ("network/arcs.csv", format!("miscData,,\narcForm,numModes,\ndirected,2,\n,,\narcs,,,,,\nindex,fromNode,toNode,distance,mode_1,mode_2\n{}\n", arcs.join("\n"))),
            ("people.xyz", "10.005 50.005 30\n10.015 50.015 60\n10.025 50.035 50\n10.035 50.005 10\n".to_owned()),
        ];
        Self(files.map(|(name, text)| (name.to_owned(), text)).to_vec())
    }

    pub(crate) fn text(&mut self, name: &str) -> &mut String {
        let found = self.0.iter_mut().find(|(file, _)| file.ends_with(name));
        &mut found.unwrap_or_else(|| panic!("{name}")).1
    }

    pub(crate) fn edit(&mut self, name: &str, from: &str, to: &str) {
        let text = self.text(name);
        assert!(text.contains(from), "{name} has no {from}");
        *text = text.replacen(from, to, 1);
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(file, _)| !file.ends_with(name));
    }

    pub(crate) fn write(&self, test: &str) -> Written {
        let root = std::env::temp_dir().join(format!("jichi-case-{}-{test}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        for (name, text) in &self.0 {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Written(root)
    }
}

const SIM_CONFIG: &str = "<?xml version=\"1.0\"?>
<simConfig><simFiles>
<ambulances>ambulances.csv</ambulances><hospitals>hospitals.csv</hospitals><stations>stations.csv</stations>
<callGenConfig>gen_config.xml</callGenConfig>
<demand>demand.csv</demand><demandCoverage>x/coverage.csv</demandCoverage>
<arcs>roads/arcs.csv</arcs><nodes>roads/nodes.csv</nodes><travel>travel.csv</travel>
<map>map.csv</map><priorities>priorities.csv</priorities><redispatch>redispatch.csv</redispatch>
</simFiles></simConfig>
";
const TRAVEL: &str = "travelModes,,
travelModeIndex,offRoadSpeed,note
1,1128,\"lights, sirens\"
2,792,
,,
travelSets,,
travelSetIndex,priority,travelModeIndex
1,highPriority,1
1,medPriority,1
1,lowPriority,2
,,
travelSetsTiming,,
startTime,travelSetIndex,
0,1,
";
const DEMAND: &str = "demandRasters,,
rasterIndex,rasterFilename,
1,$jemssDir/rasters/people.tif,
,,
demandModes,,,
modeIndex,rasterIndex,priority,arrivalRate
1,1,highPriority,30,
2,1,medPriority,18,
3,1,lowPriority,12,
,,
demandSets,,
setIndex,modeIndices,
1,[1; 2; 3],
,,
demandSetsTiming,,
startTime,setIndex,
0,1,
";
const GEN_CONFIG: &str = "<?xml version=\"1.0\"?>
<genConfig><mode>calls</mode><sim><startTime>0.0</startTime>
<callDistributions>
<interarrivalTime seed=\"1\">Exponential(1/60)</interarrivalTime>
<priority seed=\"2\">Categorical([0.5, 0.3, 0.2])</priority>
<dispatchDelay seed=\"3\">Normal(0.0006, 0)</dispatchDelay>
<onSceneDuration seed=\"4\">Exponential(0.008)</onSceneDuration>
<transport seed=\"5\">Bernoulli(0.8)</transport>
<handoverDuration seed=\"6\">Weibull(2.5, 0.02)</handoverDuration>
</callDistributions>
<callDensityRaster cellSeed=\"7\" cellLocSeed=\"8\"><filename>$jemssDir/people.tif</filename></callDensityRaster>
</sim></genConfig>
";
