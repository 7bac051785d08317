metadata description = 'The workbook that shows what Leyden measures: infra/monitoring/workbook.json on the Application Insights component.'

@description('Where the workbook is kept.')
param location string

@description('The tags of every resource.')
param tags object

@description('The Application Insights component whose data it shows.')
param applicationInsightsId string

@description('What makes names unique, the same in all modules.')
param token string

@description('The name that the portal shows.')
param displayName string = 'Leyden'

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'leyden-workbook', token)
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    category: 'workbook'
    displayName: displayName
    version: 'Notebook/1.0'
    sourceId: applicationInsightsId
    // The queries that name no resource go to the first of fallbackResourceIds.
    serializedData: replace(
      loadTextContent('../monitoring/workbook.json'),
      '__APPLICATION_INSIGHTS__',
      applicationInsightsId
    )
  }
}
