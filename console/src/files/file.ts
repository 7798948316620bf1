// A file of a patient, as the centre and the vehicle both tell of it.
export interface PatientFile { id: string; kind: 'ecg' | 'photo'; at: string; media_type: string; bytes: number; device: string }
